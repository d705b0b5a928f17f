import math

import torch
from torch import nn


class LanguageModel(nn.Module):
    def __init__(self, vocabulary, d_embedding, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, d_embedding)
        self.lstm = nn.LSTM(d_embedding, d_hidden, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(d_hidden, vocabulary)

    def forward(self, x, state=None):
        y, state = self.lstm(self.embedding(x), state)
        return self.decoder(y), state


def make():
    return LanguageModel(17, 8, 12)


def train(model, batches):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    perplexities, state = [], None
    for x, y in batches:
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        if state is not None:
            state = tuple(part.detach() for part in state)
        scores, state = model(x, state)
        loss = criterion(scores.reshape(-1, scores.shape[-1]), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        perplexities.append(math.exp(loss.item()))
    return perplexities
