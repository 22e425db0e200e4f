"""The lines of the shipped `backward` that right places and mistakes rewrite."""

START = 'dh_next, dc = (part.copy() for part in check_state("dstate", dstate, B, H, dtype))'
ARRIVE = "np.add(dh[t], dh_next, out=dh_t)"
SHARE = "np.multiply(dh_t, dh_dc, out=share)"
CELL = "np.add(dc, share, out=dc)"
CARRY_C = "np.multiply(dc, dc_dc_prev, out=dc)"
SUM = "dW += rows.T @ dz_rows"
INPUT = "np.matmul(dz_rows, params.W_x.T, out=dx[t : t + K].reshape(-1, D))"
RETURN = "return Gradients(Params(dW[H:-1], dW[:H], dW[-1]), dx, State(dh_next, dc))"

ARRIVE_SCALED = "np.add(dh[t] * scale, dh_next, out=dh_t)"
RETURN_SCALED = """\
dparams = Params(dW[H:-1] * scale, dW[:H] * scale, dW[-1] * scale)
return Gradients(dparams, dx * scale, State(dh_next * scale, dc * scale))"""
