/* Standard output before the loops, and the images with what is said about them after. */
#ifndef REPORT_H
#define REPORT_H

#include "experiment.h"
#include "render.h"

void print_banner(void);
void print_convention(const Experiment *experiment);
void print_layers_and_phi(const Experiment *experiment);
void print_report(const Experiment *experiment);

/* Prints the statistics and writes the images, in the order of the original. */
void write_images(Experiment *experiment, const Render *render);

#endif
