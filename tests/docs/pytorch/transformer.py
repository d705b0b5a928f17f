import torch
from torch import nn


class Transformer(nn.Module):
    def __init__(self, vocabulary, d_model, n_heads, length):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, d_model)
        self.position = nn.Parameter(torch.zeros((length, d_model)))
        layer = nn.TransformerEncoderLayer(
            d_model, n_heads, dim_feedforward=4 * d_model, dropout=0.0, activation="gelu",
            batch_first=True, norm_first=True,
        )  # fmt: skip
        self.blocks = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d_model)
        self.head = nn.Linear(d_model, vocabulary, bias=False)

    def forward(self, x):
        t = x.shape[1]
        mask = torch.triu(torch.ones((t, t)), diagonal=1) > 0
        h = self.embedding(x) + self.position[:t]
        return self.head(self.norm(self.blocks(h, mask=mask)))


def make():
    return Transformer(17, 16, 4, 9)


def train(model, batches):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1)
    losses = []
    for x, y in batches:
        scores = model(torch.from_numpy(x))
        loss = nn.functional.cross_entropy(scores.view(-1, 17), torch.from_numpy(y).view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
