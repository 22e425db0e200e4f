"""The mistakes that the lines of the complete step invite, as changes of its text."""

CLIP = "torch.nn.utils.clip_grad_norm_(model.parameters(), limit)"
BACKWARD = "scaler.scale(loss).backward()"
STEP = "scaler.step(optimizer)  #"

LAST = "last = k == len(batches) and t + length >= len(x)"
UNSCALE = "scaler.unscale_(optimizer)  #"
BY_HAND = "for p in model.parameters(): p.grad is None or p.grad.div_(scaler.get_scale())"

MISTAKES = {
    "as it stands": (),
    "each worker keeps its own counts": (("    dist.all_reduce(counts)  #", "    #"),),
    "N counts padding": (("(y != -100).sum()", "y.new_tensor(y.numel())"),),
    "the penalty takes padding in": (("logits[real[part]].square()", "logits.square()"),),
    "the penalty is divided by N": (("alpha / M", "alpha / N"),),
    "each pass takes its own mean": (
        ("(1 / N,", "(1 / len(batches),"),
        ('reduction="sum"', 'reduction="mean"'),
    ),
    "divided by the micro-batches, too": (("loss = W *", "loss = W / len(batches) *"),),
    "W is forgotten": (("loss = W *", "loss = 1 *"),),
    "W is forgotten on the penalty": (("+ b * penalty", "+ b / W * penalty"),),
    "a term without a factor is added": (
        (BACKWARD, "loss = loss + logits.square().mean(); " + BACKWARD),
    ),
    "`zero_grad` in the loop": (
        ("        state = None", "        optimizer.zero_grad(); state = None"),
    ),
    "`zero_grad` is forgotten": (("    optimizer.zero_grad()\n", ""),),
    "the state is not carried": (
        ("state = model(x[part], state)", "_ = model(x[part]); state = []"),
    ),
    "the state is not detached": (("[s.detach() for s in state]", "state"),),
    "synchronized in the first pass": ((LAST, "last = k == 1 and t == 0"),),
    "never synchronized": ((LAST, "last = False"),),
    "`unscale_` is called twice": ((UNSCALE, "scaler.unscale_(optimizer); " + UNSCALE),),
    "unscaled once more by hand": (("    " + CLIP, f"    {BY_HAND}\n    {CLIP}"),),
    "clipped before it is unscaled": (("    scaler.unscale_(optimizer)  # before the clip\n", ""),),
    "clipped in each pass": (
        ("    " + CLIP + "\n", ""),
        (BACKWARD, BACKWARD + "; " + CLIP),
    ),
    "clipped after the step": (("    " + CLIP + "\n", ""), (STEP, STEP[:-3] + "; " + CLIP + "  #")),
    "not clipped": (("    " + CLIP + "\n", ""),),
    "the decay is in Adam's gradient": (("torch.optim.AdamW", "torch.optim.Adam"),),
}
"""What stands in the page's table, and what makes it of the step."""
