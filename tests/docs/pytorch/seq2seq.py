import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PAD, VOCABULARY, WIDTH = 0, 17, 12


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH, padding_idx=PAD)
        self.rnn = nn.GRU(WIDTH, WIDTH, num_layers=2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, source, lengths):
        x = self.embed(source)
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        y, h = self.rnn(packed)
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=source.shape[1])
        return y, torch.tanh(self.bridge(torch.cat((h[-2, :, :], h[-1, :, :]), dim=1)))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.scores = nn.Linear(3 * WIDTH, WIDTH)
        self.v = nn.Parameter(torch.ones((WIDTH,)))
        self.cell = nn.GRUCell(3 * WIDTH, WIDTH)
        self.out = nn.Linear(4 * WIDTH, VOCABULARY)
        self.register_buffer("scale", torch.full((1,), 0.9))

    def attend(self, h, encoded, mask):
        query = h.unsqueeze(1).repeat(1, encoded.shape[1], 1)
        energy = torch.tanh(self.scores(torch.cat((query, encoded), dim=2))) @ self.v
        weights = F.softmax(energy.masked_fill(~mask, float("-inf")), dim=-1)
        return torch.bmm(weights.unsqueeze(1), encoded).squeeze(1)

    def forward(self, target, h, encoded, mask):
        outputs = []
        for t in range(target.shape[1]):
            context, x = self.attend(h, encoded, mask), self.embed(target[:, t])
            h = self.cell(torch.cat([x, context], dim=-1), h)
            outputs.append(self.out(torch.cat([h, context, x], dim=-1)))
        return torch.stack(outputs, dim=1) * self.scale


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, source, lengths, target):
        encoded, h = self.encoder(source, lengths)
        return self.decoder(target, h, encoded, source != PAD)


def make():
    return Seq2Seq()


def train(model, batches):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
    losses = []
    model.train()
    for (source, lengths), target in batches:
        source, target = torch.from_numpy(source), torch.from_numpy(target)
        optimizer.zero_grad()
        logits = model(source, torch.tensor(lengths, dtype=torch.long), target[:, :-1])
        loss = criterion(logits.reshape(-1, VOCABULARY), target[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses
