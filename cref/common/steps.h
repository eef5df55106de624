/* Numbers of steps, from what was given of count, range and step size (step 7 of the specification). */
#ifndef STEPS_H
#define STEPS_H

/* One kind of step: its count, the range it covers, the size of one. */
typedef struct {
    int count;
    double range, step;
} Steps;

/* A count, range or step that was not given is negative. */
Steps phi_steps(int count, double range, double step);
Steps range_steps(const char *what, int count, double range, double step);

/* One step without extent, where any of the three is zero or negative. */
Steps or_single(Steps steps);

#endif
