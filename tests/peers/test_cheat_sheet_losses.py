"""More of the cheat sheet's rows of PyTorch's losses and layers, run: see test_cheat_sheet.py."""

import numpy as np
import probe
import pytest
import torch
from token_table import LABELS, PARTS, TokenTable, weights_in
from torch.nn.functional import cross_entropy, kl_div
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

# Row: kl

T, B = 5, 4
GOAL = torch.tensor(np.eye(probe.CLASSES)[probe.LABELS], dtype=torch.float32)


def kl_weights(reduction, shape=(probe.N, probe.CLASSES)):
    """Return what each token weighs in a divergence from the labels."""
    table = torch.tensor(probe.TABLE, requires_grad=True)
    kl_div(table.log_softmax(1).view(shape), GOAL.view(shape), reduction=reduction).backward()
    return probe.weights(table.grad)


@pytest.mark.filterwarnings("ignore:reduction. 'mean'")  # of what the row says
def test_kl():
    assert probe.named(kl_weights("sum")) == "20 of the token mean"
    assert probe.named(kl_weights("batchmean")) == "token mean"
    assert probe.named(kl_weights("mean")) == "1/4 of the token mean"  # four classes
    by_step = (T, B, probe.CLASSES)
    assert probe.named(kl_weights("batchmean", by_step)) == "4 of the token mean"  # by T alone
    assert probe.named(kl_weights("mean", by_step)) == "1/4 of the token mean"


# Row: ignored


def ignoring(*ignored, divide):
    """Return the table after a backward pass for each micro-batch; the labels of some are ignored.

    `divide` gets the loss of each token and whether it counts.
    """
    model = TokenTable()
    for k, tokens in enumerate(PARTS):
        labels = torch.full_like(tokens, -100) if k in ignored else LABELS[tokens]
        each = cross_entropy(model.table[tokens], labels, reduction="none")
        divide(each, labels != -100).backward()
    return model


def over(n):
    return lambda each, _: each.sum() / max(n, 1)


def test_ignored():
    table = torch.tensor(probe.TABLE, requires_grad=True)
    loss = cross_entropy(table, torch.full_like(LABELS, -100))
    loss.backward()
    assert loss.isnan()  # 0/0
    assert not table.grad.any()  # and the gradient is 0, not NaN


def test_ignored_by_hand():
    """A mean by hand, over a mask that leaves nothing."""
    table, mask = torch.tensor(probe.TABLE, requires_grad=True), torch.zeros(probe.N)
    each = cross_entropy(table, LABELS, reduction="none")
    ((each * mask).sum() / mask.sum()).backward()
    assert table.grad.isnan().all()


def test_ignored_and_counted():
    """Held against the mean over what is left, and over nothing."""
    found = weights_in(ignoring(0, divide=over(17)))
    assert found == pytest.approx(np.repeat((0, 1 / 17), probe.COUNTS))
    assert not ignoring(0, 1, divide=over(0)).table.grad.any()
    own = weights_in(ignoring(0, divide=lambda each, counts: over(counts.sum())(each, 0) / 2))
    assert own == pytest.approx(np.repeat((0, 1 / 34), probe.COUNTS))  # half the mean


# Row: packed


def two_directions():
    torch.manual_seed(0)
    return torch.nn.LSTM(3, 2, bidirectional=True)


def test_packed():
    sequences = torch.randn(probe.N, 3, generator=torch.Generator().manual_seed(0))
    sequences = sequences.split(probe.COUNTS)
    lstm, alone = two_directions(), [two_directions()(x)[0] for x in sequences]
    packed, _ = lstm(pack_sequence(sequences, enforce_sorted=False))
    unpacked, lengths = pad_packed_sequence(packed)
    padded, _ = lstm(pad_sequence(sequences))
    assert lengths.tolist() == list(probe.COUNTS)
    assert len(packed.data) == probe.N  # a mean over these is the token mean
    assert unpacked[..., 0].numel() == 2 * max(probe.COUNTS)  # over these, padding counts
    for k, (n, right) in enumerate(zip(probe.COUNTS, alone, strict=True)):
        torch.testing.assert_close(unpacked[:n, k], right)
        torch.testing.assert_close(padded[:n, k, :2], right[:, :2])  # forward
    assert not torch.allclose(padded[:3, 0, 2:], alone[0][:, 2:], rtol=1e-2)  # backward


def test_packed_weights():
    """The mean over what was packed, and over what it is padded to again."""
    for over, expected in (("data", "token mean"), ("padded", "10/17 of the token mean")):
        table = torch.tensor(probe.TABLE, requires_grad=True)
        sequences = pack_sequence([table[tokens] for tokens in PARTS], enforce_sorted=False)
        labels = pack_sequence([LABELS[tokens] for tokens in PARTS], enforce_sorted=False)
        each = cross_entropy(sequences.data, labels.data, reduction="none")
        if over == "padded":
            each, _ = pad_packed_sequence(sequences._replace(data=each))
        each.mean().backward()
        assert probe.named(probe.weights(table.grad)) == expected
