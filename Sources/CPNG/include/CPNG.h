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

// ---- Row by row ---------------------------------------------------------------------------------
//
// For pictures that do not fit into memory. A reader or writer whose call has failed can only be
// closed.

typedef struct cpng_reader cpng_reader;
typedef struct cpng_writer cpng_writer;

// Opens the file at `path` and fills in all but `samples` of `picture`; `byte_count` is that of one
// row. Returns `NULL` with an error text for anything but a PNG file; an interlaced one, whose rows
// do not come in order, is refused with `is_interlaced` set.
cpng_reader *cpng_open_reader(const char *path, cpng_picture *picture, int *is_interlaced,
                              char error[CPNG_ERROR_SIZE]);

// Decodes the next `count` rows, as `cpng_read` does, to `rows`; the last row of the picture also
// checks what follows it. Returns 1, or 0 and an error text.
int cpng_read_rows(cpng_reader *reader, void *rows, uint32_t count, char error[CPNG_ERROR_SIZE]);

void cpng_close_reader(cpng_reader *reader);

// Makes the file at `path`, or empties it, for a picture with the size, channels and bits of
// `picture`. Returns `NULL` with an error text.
cpng_writer *cpng_open_writer(const char *path, const cpng_picture *picture,
                              char error[CPNG_ERROR_SIZE]);

// Encodes the next `count` rows, `byte_count` bytes in all; the last row of the picture also ends
// the file and sends it to the disk. Returns 1, or 0 and an error text.
int cpng_write_rows(cpng_writer *writer, const void *rows, uint32_t count,
                    char error[CPNG_ERROR_SIZE]);

void cpng_close_writer(cpng_writer *writer);

#endif
