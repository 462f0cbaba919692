#include "CPNG.h"
#include "shared.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// More samples than this (16 GiB of floats) are taken for a mistake.
static const uint64_t most_samples = UINT64_C(1) << 32;

// Deflate cannot pack more than about 1032 bytes into one.
static const uint64_t best_compression = 1032;

void cpng_free(void *memory) { free(memory); }

// ---- Reading ------------------------------------------------------------------------------------

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
} source;

static void take(png_structp png, png_bytep target, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->count - from->position) png_error(png, "the file is cut short");
  memcpy(target, from->bytes + from->position, count);
  from->position += count;
}

// Refuses sizes that no memory holds, or that a file so small cannot contain.
static void check_size(png_structp png, png_infop info, size_t file_count) {
  uint64_t width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  char message[CPNG_ERROR_SIZE];
  if (width * height > most_samples / 4) {
    snprintf(message, sizeof message, "%llu x %llu pixels are too many",
             (unsigned long long)width, (unsigned long long)height);
    png_error(png, message);
  }
  if (height * png_get_rowbytes(png, info) / best_compression > file_count) {
    snprintf(message, sizeof message, "%zu bytes cannot hold %llu x %llu pixels", file_count,
             (unsigned long long)width, (unsigned long long)height);
    png_error(png, message);
  }
}

// Everything that may jump. What it allocates is in `picture`, so nothing leaks.
static void read_picture(png_structp png, png_infop info, size_t file_count,
                         cpng_picture *picture) {
  png_read_info(png, info);
  check_size(png, info, file_count);
  png_set_expand(png);  // palettes, fewer than 8 bits, transparent colours
  if (is_little_endian()) png_set_swap(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  picture->channels = png_get_channels(png, info);
  picture->bits = png_get_bit_depth(png, info);
  size_t row_bytes = png_get_rowbytes(png, info);
  picture->byte_count = row_bytes * picture->height;
  picture->samples = calloc(picture->height, row_bytes);
  if (!picture->samples) png_error(png, "there is not enough memory");
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t row = 0; row < picture->height; row++)
      png_read_row(png, (png_bytep)picture->samples + row * row_bytes, NULL);
  png_read_end(png, NULL);
}

int cpng_read(const uint8_t *bytes, size_t count, cpng_picture *picture,
              char error[CPNG_ERROR_SIZE]) {
  memset(picture, 0, sizeof *picture);
  snprintf(error, CPNG_ERROR_SIZE, "there is not enough memory");
  source from = {bytes, count, 0};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(picture->samples);
    picture->samples = NULL;
    return 0;
  }
  png_set_read_fn(png, &from, take);
  read_picture(png, info, count, picture);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

// ---- Writing ------------------------------------------------------------------------------------

typedef struct {
  cpng_file *file;
  size_t capacity;
} sink;

static void put(png_structp png, png_bytep bytes, size_t count) {
  sink *to = png_get_io_ptr(png);
  cpng_file *file = to->file;
  if (count > to->capacity - file->count) {
    size_t capacity = 2 * (file->count + count) + 4096;
    uint8_t *grown = realloc(file->bytes, capacity);
    if (!grown) png_error(png, "there is not enough memory");
    file->bytes = grown;
    to->capacity = capacity;
  }
  memcpy(file->bytes + file->count, bytes, count);
  file->count += count;
}

static void flush(png_structp png) { (void)png; }

static void write_picture(png_structp png, png_infop info, const cpng_picture *picture) {
  static const int colour_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                     PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  png_set_IHDR(png, info, picture->width, picture->height, picture->bits,
               colour_types[picture->channels - 1], PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (is_little_endian()) png_set_swap(png);
  size_t row_bytes = picture->byte_count / picture->height;
  for (uint32_t row = 0; row < picture->height; row++)
    png_write_row(png, (png_const_bytep)picture->samples + row * row_bytes);
  png_write_end(png, NULL);
}

int cpng_write(const cpng_picture *picture, cpng_file *file, char error[CPNG_ERROR_SIZE]) {
  memset(file, 0, sizeof *file);
  snprintf(error, CPNG_ERROR_SIZE, "there is not enough memory");
  sink to = {file, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(file->bytes);
    memset(file, 0, sizeof *file);
    return 0;
  }
  png_set_write_fn(png, &to, put, flush);
  write_picture(png, info, picture);
  png_destroy_write_struct(&png, &info);
  return 1;
}
