#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

// libpng reports errors by longjmp, which must not cross Swift's frames. These functions catch it
// and return an error text instead.

enum { CPNG_ERROR_SIZE = 200 };

typedef struct {
  uint32_t width, height;
  int channels;       // 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA; palettes are RGB or RGBA
  int bits;           // of a sample in `samples`: 8, or 16 in the machine's byte order
  void *samples;      // [height, width, channels] without gaps
  size_t byte_count;  // of `samples`
} cpng_picture;

typedef struct {
  uint8_t *bytes;
  size_t count;
} cpng_file;

// Decodes the `count` bytes of a PNG file. Samples of 1, 2 and 4 bits are scaled to 8; transparent
// colours become an alpha channel; no gamma is applied. Returns 1, and the caller frees
// `picture->samples` with `cpng_free`; or 0, and `error` says why.
int cpng_read(const uint8_t *bytes, size_t count, cpng_picture *picture,
              char error[CPNG_ERROR_SIZE]);

// Encodes `picture`. Returns 1, and the caller frees `file->bytes` with `cpng_free`; or 0, and
// `error` says why.
int cpng_write(const cpng_picture *picture, cpng_file *file, char error[CPNG_ERROR_SIZE]);

void cpng_free(void *memory);

#endif
