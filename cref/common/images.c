/* Output files: temporary names, the float image and the preview. */
#include "formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"

/* Removed at exit if the program stops between opening and renaming. */
static char *unfinished = NULL;

static void remove_unfinished(void)
{
    if (unfinished) {
        remove(unfinished);
        free(unfinished);
        unfinished = NULL;
    }
}

/* The end of an output that cannot be written: of the program too, unless it can do without. */
static void give_up(Output *output, int reason)
{
    if (!output->optional)
        fail("cannot write %s: %s", output->name, strerror(reason));
    warn("cannot write %s: %s", output->name, strerror(reason));
    if (output->file)
        fclose(output->file);
    output->file = NULL;
    remove_unfinished();
}

static Output open_any(const char *name, int optional)
{
    static int registered = 0;
    Output output = {NULL, name, NULL, optional};
    struct stat status;
    if (lstat(name, &status) != 0 || S_ISREG(status.st_mode)) {
        size_t size = strlen(name) + 32;
        output.temporary = allocate(size, 1, "a file name");
        snprintf(output.temporary, size, "%s.%ld.part", name, (long)getpid());
    }
    output.file = fopen(output.temporary ? output.temporary : name, "wb");
    if (!output.file) {
        int reason = errno;
        free(output.temporary);
        output.temporary = NULL;
        give_up(&output, reason);
        return output;
    }
    if (!registered) {
        atexit(remove_unfinished);
        registered = 1;
    }
    unfinished = output.temporary;
    return output;
}

Output output_open(const char *name)
{
    return open_any(name, 0);
}

Output output_open_optional(const char *name)
{
    return open_any(name, 1);
}

void output_write(Output *output, const void *bytes, size_t size)
{
    if (size && output->file && fwrite(bytes, 1, size, output->file) != size)
        give_up(output, errno);
}

void output_close(Output *output)
{
    FILE *file = output->file;
    if (!file)
        return;
    output->file = NULL;
    if (fclose(file) != 0 ||
        (output->temporary && rename(output->temporary, output->name) != 0)) {
        give_up(output, errno);
        return;
    }
    unfinished = NULL;
    free(output->temporary);
}

void write_float_image(const char *name, const float *image, size_t count)
{
    Output output = output_open(name);
    output_write(&output, image, count * sizeof *image);
    output_close(&output);
}

void write_pgm(const char *name, int fpixels, int spixels, double pgm_scale,
               const unsigned char *bytes)
{
    char header[128];
    Output output = output_open(name);
    int size = snprintf(header, sizeof header, "P5\n%d %d\n# pixels scaled by %g\n255\n", fpixels,
                        spixels, pgm_scale);
    output_write(&output, header, (size_t)size);
    output_write(&output, bytes, (size_t)fpixels * (size_t)spixels);
    output_close(&output);
}
