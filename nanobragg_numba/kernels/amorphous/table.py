"""The table of structure factors: which interval, and the value in it."""

from nanobragg_numba.kernels.decorators import inner_kernel, kernel

FRONT = 2
"""Places before the first point, and"""

BEHIND = 4
"""places behind the last one, that the walk can reach."""


@inner_kernel
def walk(scene, bracket, x):
    """The point below x, by a walk from where the search before this one ended.

    Where abscissae fall or repeat, the interval depends on the start.

    Parameters
    ----------
    scene : AmorphousScene
    bracket : int
        Point where the search before ended.
    x : float
        sin(theta)/lambda, 1/m.
    """
    stol = scene.stol
    m = bracket
    while m <= scene.points and x > stol[m + FRONT]:
        m += 1
    while m >= 2 and x < stol[m + FRONT]:
        m -= 1
    return m


@kernel
def lagrange(x, t0, t1, t2, t3, y0, y1, y2, y3):
    """Value at x of the cubic through four points, each term in C's order of operations.

    Parameters
    ----------
    x : float
        Where it is wanted.
    t0, t1, t2, t3 : float
        Abscissae of the points.
    y0, y1, y2, y3 : float
        Their ordinates.

    References
    ----------
    The formula of Lagrange: Press et al., Numerical Recipes in C, 2nd edition (1992), section 3.1.
    """
    p0 = (x - t1) * (x - t2) * (x - t3) * y0 / ((t0 - t1) * (t0 - t2) * (t0 - t3))
    p1 = (x - t0) * (x - t2) * (x - t3) * y1 / ((t1 - t0) * (t1 - t2) * (t1 - t3))
    p2 = (x - t0) * (x - t1) * (x - t3) * y2 / ((t2 - t0) * (t2 - t1) * (t2 - t3))
    p3 = (x - t0) * (x - t1) * (x - t2) * y3 / ((t3 - t0) * (t3 - t1) * (t3 - t2))
    return p0 + p1 + p2 + p3


@inner_kernel
def structure_factor(scene, bracket, x):
    """F, electrons, and the point below x.

    Parameters
    ----------
    scene : AmorphousScene
    bracket : int
        Point where the search before ended.
    x : float
        sin(theta)/lambda, 1/m.
    """
    m = walk(scene, bracket, x)
    t, y = scene.stol, scene.F
    i = m + FRONT
    if scene.end_values:
        first, last = FRONT + 2, FRONT + scene.points - 3
        if x <= t[first]:
            return y[first], m
        if x >= t[last]:
            return y[last], m
    value = lagrange(x, t[i - 1], t[i], t[i + 1], t[i + 2], y[i - 1], y[i], y[i + 1], y[i + 2])
    return value, m
