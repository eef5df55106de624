/* From double to int as x86-64 does it, where C itself leaves it open. */
#ifndef INTEGERS_H
#define INTEGERS_H

/* Truncated; what an int cannot hold, NaN too, becomes the lowest int. */
static inline int to_int(double value)
{
    if (!(value > -2147483649.0 && value < 2147483648.0))
        return -2147483647 - 1;
    return (int)value;
}

#endif
