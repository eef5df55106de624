#include "steps.h"

#include <math.h>

#include "constants.h"
#include "errors.h"

static int step_count(const char *what, double count)
{
    if (!(count <= 1e8))
        fail("%g %s steps are too many", count, what);
    return (int)count;
}

Steps phi_steps(int count, double range, double step)
{
    if (count < 0) {
        if (range < 0.0 && step <= 0.0)
            return (Steps){1, 0.0, 0.0};
        if (range < 0.0)
            return (Steps){2, step, step};
        if (step <= 0.0)
            return (Steps){2, range, range / 2.0};
        return (Steps){step_count("phi", ceil(range / step)), range, step};
    }
    if (count == 0)
        count = 1;
    if (range < 0.0 && step <= 0.0)
        return (Steps){count, 1.0 / RTD, 1.0 / RTD / count};
    if (range < 0.0)
        return (Steps){2, step, step};
    if (step < 0.0)
        return (Steps){count, range, range / count};
    return (Steps){count, range, step};
}

Steps range_steps(const char *what, int count, double range, double step)
{
    if (count <= 0) {
        if (range < 0.0 && step <= 0.0)
            return (Steps){1, 0.0, 0.0};
        if (range < 0.0)
            return (Steps){2, step, step};
        if (step <= 0.0)
            return (Steps){2, range, range};
        return (Steps){step_count(what, ceil(range / step)), range, step};
    }
    if (range < 0.0 && step <= 0.0)
        return (Steps){count, 1.0, 1.0 / count};
    if (range < 0.0)
        return (Steps){2, step, step};
    if (step <= 0.0) {
        if (count < 2)
            count = 2;
        return (Steps){count, range, range / (count - 1)};
    }
    return (Steps){count, range, step};
}

Steps or_single(Steps steps)
{
    if (steps.range <= 0.0 || steps.step <= 0.0 || steps.count <= 0)
        return (Steps){1, 0.0, 0.0};
    return steps;
}
