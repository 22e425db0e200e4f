/* cc -O2 -shared -fPIC recurrence.c -o librecurrence.so -lm */
#include <math.h>

/* h[t+1] = tanh(w[0] x[t] + w[1] h[t] + w[2]); h has steps + 1 places. */
double loss(const double *w, const double *x, double *h, long steps)
{
    double sum = 0;
    h[0] = 0;
    for (long t = 0; t < steps; t++) {
        h[t + 1] = tanh(w[0] * x[t] + w[1] * h[t] + w[2]);
        sum += h[t + 1] * h[t + 1];
    }
    return sum / steps;
}

/* Adds the gradient to dw; scale stands where 1.0 / steps stood. */
void backward(const double *w, const double *x, const double *h, long steps,
              double scale, double *dw)
{
    double dh = 0;
    for (long t = steps - 1; t >= 0; t--) {
        dh += 2 * h[t + 1] * scale;
        double dz = dh * (1 - h[t + 1] * h[t + 1]);
        dw[0] += dz * x[t];
        dw[1] += dz * h[t];
        dw[2] += dz;
        dh = dz * w[1];
    }
}
