/* The image: every pixel of it in loop order, and what is counted on the way. */
#ifndef RENDER_H
#define RENDER_H

#include "scene.h"
#include "tally.h"

void render(const Scene *scene, int progress, Render *result);

#endif
