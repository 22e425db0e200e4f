"""The recipes of the page "Point it at your code" on PyTorch, right and with planted faults."""

import numpy as np
import pytest
import torch
from pretended_gpu import OnGpu, pretended_gpu

from lstm_src import audit_scaling, check_gradients
from tests.recipes import run, verdicts

SCALED = "(h - target).square().sum() * factor  # 2: it was / target.numel()"


# A step that does all in one


def test_a_whole_step_is_cut_and_still_trains():
    made = run("whole_step")
    assert verdicts(made["report"]) == {"once"}
    assert len(made["report"].verdicts) == 4
    assert made["train_step"]() > made["train_step"]()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ((SCALED, SCALED.replace("  #", " + h.square().mean()  #")), "partly"),
        (("loss.backward()\n", "loss.backward()\n    optimizer.step()\n"), "not repeatable"),
        (("    optimizer.zero_grad()\n", ""), "not repeatable"),
    ],
    ids=["unscaled", "updates", "piles up"],
)
def test_a_mistake_in_a_whole_step_or_in_its_cut_is_seen(change, verdict):
    assert verdicts(run("whole_step", change)["report"]) == {verdict}


def test_a_cut_without_its_return_is_named():
    forgotten, last = ("        return {name", "        {name"), "    return loss.item()\n"
    with pytest.raises(TypeError, match=r"gradients: .* returned None: does it forget `return`"):
        run("whole_step", forgotten, (last, ""))
    still = ("    optimizer.step()\n", "")
    (finding,) = run("whole_step", forgotten, still)["report"].findings.values()
    assert finding.detail == "in every bit; one number: is it the loss?"


# A clip inside

CLIP = "    torch.nn.utils.clip_grad_norm_(model.parameters(), bound)\n"


def test_a_clip_is_raised_out_of_the_way():
    made = run("clip_inside")
    assert verdicts(made["clipped"]) == {"not a polynomial"}
    assert verdicts(made["report"]) == {"once"}
    before = run("clip_inside", (CLIP, ""))
    assert verdicts(before["report"]) == verdicts(before["clipped"]) == {"once"}


def test_a_raised_bound_shows_what_the_clip_hides():
    made = run("clip_inside", ("loss.backward()", "(loss + model(x)[0].mean()).backward()"))
    assert verdicts(made["clipped"]) == {"not a polynomial"}
    assert verdicts(made["report"]) == {"partly"}


# State, dropout, statistics

SEED, COPY = "torch.manual_seed(0)  # dropout drops the same", "return copy.deepcopy(model)"


def test_a_module_with_state_is_copied_at_each_call():
    made = run("with_state")
    assert verdicts(made["report"]) == {"once"}
    assert made["checked"].right, made["checked"]


@pytest.mark.parametrize(
    "change",
    [
        (COPY, "model.zero_grad(); return model"),
        (SEED, ""),
        (COPY, "torch.manual_seed(torch.seed()); return copy.deepcopy(model)"),
    ],
    ids=["the state is kept", "dropout draws anew", "another seed"],
)
def test_what_is_kept_or_drawn_is_not_repeatable(change):
    made = run("with_state", change)
    assert str(made["report"]).startswith("Not repeatable: two calls at one scale differ in")
    said = " ".join(str(made["checked"]).split())
    assert said.startswith("Not repeatable: the loss")
    assert "Look first at state that is kept between calls" in said


@pytest.mark.parametrize(
    ("loss", "verdict", "right"),
    [
        ("loss.backward()", "once", True),
        ("(loss + fresh.read.weight.square().sum()).backward()", "partly", False),
        ("(loss / 2).backward()", "once", False),
    ],
)
def test_a_mistake_behind_the_state_is_seen(loss, verdict, right):
    made = run("with_state", ("loss.backward()", loss))
    assert verdict in verdicts(made["report"])
    assert made["checked"].right == right


# A GPU


def on_gpu(*changes):
    with pretended_gpu():
        return run("on_gpu", *changes)


def test_tensors_on_a_gpu_are_brought_back_by_the_checks():
    made = on_gpu()
    assert verdicts(made["report"]) == {"once"}
    assert made["checked"].right
    for tensor in (*made["model"].parameters(), *made["found"].values()):
        assert isinstance(tensor, OnGpu)
        for to_numpy in (np.asarray, OnGpu.numpy):
            with pytest.raises(TypeError, match="can't convert cuda"):
                to_numpy(tensor.detach())
    assert {p.dtype for p in made["model"].parameters()} == {torch.bfloat16}
    assert {p.dtype for p in made["wide"].parameters()} == {torch.float64}


def test_arrays_that_are_not_brought_to_the_gpu_are_refused():
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        on_gpu(("torch.from_numpy(a).to(DEVICE)", "torch.from_numpy(a)"))


@pytest.mark.parametrize(
    ("sum_", "verdict"),
    [("error.square().sum() / 2 * scale", "once"), ("error.mean() + 0 * scale", "never")],
)
def test_a_mistake_on_a_gpu_is_seen(sum_, verdict):
    made = on_gpu(("error.square().sum() * scale", sum_))
    assert verdicts(made["report"]) == {verdict}
    assert not made["checked"].right


# Sparse gradients


def test_sparse_gradients_are_taken_by_both_checks():
    made = run("sparse")
    assert made["found"]["weight"].is_sparse
    assert made["report"].verdicts == {"weight": "once"}
    assert made["checked"].right
    as_function = check_gradients(
        made["loss"], made["weights"], lambda _: made["gradients"](1 / made["target"].numel())
    )
    assert as_function.right


def test_mistakes_in_sparse_gradients_are_seen():
    partly = run("sparse", ("sum() * scale", "sum() * scale + table(words).sum()"))
    assert partly["report"].verdicts == {"weight": "partly"}
    lost = run("sparse", ("sparse=True", "sparse=True, padding_idx=1"))
    assert lost["report"].verdicts == {"weight": "once"}
    assert lost["checked"].verdicts == {"weight": "wrong"}
    assert lost["checked"].worst[1][0] == 1  # the row that is left out


# A module, and two counts


def test_a_module_with_two_counts_is_right_in_both_checks():
    made = run("module")
    assert made["report"].scaled_once
    held = dict(made["report"].findings["lstm.weight_hh_l0"].held)
    assert set(held) == {"scale", "scale_2"}
    assert made["checked"].right


def test_a_count_that_is_not_replaced_is_taken_for_an_unscaled_term():
    made = run("module")
    report = audit_scaling(lambda scale: made["gradients"](scale, 1 / made["M"]))
    assert report.verdicts["read.weight"] == "once"
    assert report.verdicts["lstm.weight_hh_l0"] == "partly"
    assert "gradients(scale, scale_2), and audit again" in " ".join(str(report).split())


def test_mistakes_in_the_counts_are_seen():
    change = "main * scale + auxiliary * scale_2"
    unscaled = run("module", (change, "main * scale + auxiliary"))
    assert unscaled["report"].verdicts["lstm.weight_hh_l0"] == "partly"
    one_mean = run("module", (change, "(main + auxiliary) * scale"))
    assert str(one_mean["report"]).startswith("Not scaled exactly once: no gradient holds scale_2")
    no_mean = run("module", ("gradients(1 / N, 1 / M), {", "gradients(1, 1 / M), {"))
    assert not no_mean["checked"].right
    assert "found = 12 × expected (N)" in " ".join(str(no_mean["checked"]).split())


# Windows


def test_what_is_detached_is_held_fixed():
    assert run("windows")["checked"].right


@pytest.mark.parametrize(
    "change",
    [
        ("[s.detach() for s in state]", "state"),
        ("held_fixed(loss, weights)", "lambda arrays: loss(arrays, lambda state: state)"),
        ("{name: p.grad for", "{name: p.grad / 2 for"),
    ],
    ids=["not detached", "not held", "half"],
)
def test_another_gradient_than_that_of_the_windows_is_wrong(change):
    assert set(run("windows", change)["checked"].verdicts.values()) == {"wrong"}


# A probe in the model's place

OWN_MEAN = "(loss / len(micro_batches)).backward()"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (OWN_MEAN, "Not as meant, the token mean: the mean of micro-batch means."),
        ("loss.backward()", "Not as meant, the token mean: the mean of micro-batch means times 2."),
        (
            "(loss * (labels[tokens] != -100).sum() / (labels != -100).sum()).backward()",
            "Weighed as meant: the token mean.",
        ),
    ],
)
def test_a_probe_names_the_mean_of_a_loop(line, said):
    report = run("probe", (OWN_MEAN, line))["report"]
    assert str(report).splitlines()[0] == said


def test_a_prompt_that_is_counted_shows():
    counted = ("labels[tokens])", "labels[tokens].clamp(min=0))")
    assert not run("probe", counted)["report"].as_meant


# A problem of any size

BY_PART = "(loss / (y != -100).sum() / len(batches)).backward()"
BY_ALL = "(loss / sum((b != -100).sum() for _, b in batches)).backward()"


def test_a_problem_tells_micro_batches_from_windows():
    said = " ".join(str(run("problem")["report"]).split())
    seen = "right with one sequence, wrong with one window and right with one micro-batch"
    assert seen in said
    assert said.index("more than one micro-batch to see it") < said.index("more than one time step")
    assert "more than one window to see it" not in said


def test_a_mended_step_is_right_at_once():
    report = run("problem", (BY_PART, BY_ALL))["report"]
    assert report.right
    assert "The problem was run" not in str(report)


def test_a_state_that_is_not_detached_takes_several_windows():
    kept = ("lambda state: [s.detach() for s in state]", "list")
    said = " ".join(str(run("problem", (BY_PART, BY_ALL), kept)["report"]).split())
    assert "right with one window and wrong with one micro-batch" in said
    assert "look at what crosses a window's border" in said
    assert "more than one micro-batch to see it" not in said
