#include "CPNG.h"
#include "shared.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// libpng keeps one place for error texts; it points to that of the call under way.
static void report_to(png_structp png, char *error) {
  png_set_error_fn(png, error, fail, ignore);
}

// ---- Reading ------------------------------------------------------------------------------------

struct cpng_reader {
  FILE *file;
  png_structp png;
  png_infop info;
  size_t row_bytes;
  uint32_t rows_left;
};

static void take(png_structp png, png_bytep target, size_t count) {
  FILE *file = png_get_io_ptr(png);
  if (fread(target, 1, count, file) == count) return;
  png_error(png, feof(file) ? "the file is cut short" : strerror(errno));
}

void cpng_close_reader(cpng_reader *reader) {
  if (!reader) return;
  if (reader->png) png_destroy_read_struct(&reader->png, &reader->info, NULL);
  if (reader->file) fclose(reader->file);
  free(reader);
}

// Everything of opening that may jump.
static int read_head(cpng_reader *reader, cpng_picture *picture, int *is_interlaced) {
  png_structp png = reader->png;
  png_infop info = reader->info;
  if (setjmp(png_jmpbuf(png))) return 0;
  png_set_read_fn(png, reader->file, take);
  png_read_info(png, info);
  *is_interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
  if (*is_interlaced) png_error(png, "the file is interlaced");
  png_set_expand(png);  // palettes, fewer than 8 bits, transparent colours
  if (is_little_endian()) png_set_swap(png);
  png_read_update_info(png, info);
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  picture->channels = png_get_channels(png, info);
  picture->bits = png_get_bit_depth(png, info);
  picture->byte_count = png_get_rowbytes(png, info);
  reader->row_bytes = picture->byte_count;
  reader->rows_left = picture->height;
  return 1;
}

cpng_reader *cpng_open_reader(const char *path, cpng_picture *picture, int *is_interlaced,
                              char error[CPNG_ERROR_SIZE]) {
  memset(picture, 0, sizeof *picture);
  *is_interlaced = 0;
  snprintf(error, CPNG_ERROR_SIZE, "there is not enough memory");
  cpng_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->file = fopen(path, "rb");
  if (!reader->file) {
    snprintf(error, CPNG_ERROR_SIZE, "%s", strerror(errno));
  } else {
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore);
    if (reader->png) reader->info = png_create_info_struct(reader->png);
    if (reader->info && read_head(reader, picture, is_interlaced)) return reader;
  }
  cpng_close_reader(reader);
  return NULL;
}

int cpng_read_rows(cpng_reader *reader, void *rows, uint32_t count,
                   char error[CPNG_ERROR_SIZE]) {
  report_to(reader->png, error);
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  if (count > reader->rows_left) png_error(reader->png, "the picture has no more rows");
  for (uint32_t row = 0; row < count; row++)
    png_read_row(reader->png, (png_bytep)rows + row * reader->row_bytes, NULL);
  reader->rows_left -= count;
  if (count > 0 && reader->rows_left == 0) png_read_end(reader->png, NULL);
  return 1;
}

// ---- Writing ------------------------------------------------------------------------------------

struct cpng_writer {
  FILE *file;
  png_structp png;
  png_infop info;
  size_t row_bytes;
  uint32_t rows_left;
};

static void put(png_structp png, png_bytep bytes, size_t count) {
  FILE *file = png_get_io_ptr(png);
  if (fwrite(bytes, 1, count, file) != count) png_error(png, strerror(errno));
}

static void flush(png_structp png) {
  FILE *file = png_get_io_ptr(png);
  if (fflush(file) || fsync(fileno(file))) png_error(png, strerror(errno));
}

void cpng_close_writer(cpng_writer *writer) {
  if (!writer) return;
  if (writer->png) png_destroy_write_struct(&writer->png, &writer->info);
  if (writer->file) fclose(writer->file);
  free(writer);
}

static int write_head(cpng_writer *writer, const cpng_picture *picture) {
  static const int colour_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                     PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  png_structp png = writer->png;
  png_infop info = writer->info;
  if (setjmp(png_jmpbuf(png))) return 0;
  png_set_write_fn(png, writer->file, put, flush);
  // Big pictures are written in one go by one thread: one filter and zlib's fastest level.
  png_set_compression_level(png, 1);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_set_IHDR(png, info, picture->width, picture->height, picture->bits,
               colour_types[picture->channels - 1], PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (is_little_endian()) png_set_swap(png);
  writer->row_bytes = png_get_rowbytes(png, info);
  writer->rows_left = picture->height;
  return 1;
}

cpng_writer *cpng_open_writer(const char *path, const cpng_picture *picture,
                              char error[CPNG_ERROR_SIZE]) {
  snprintf(error, CPNG_ERROR_SIZE, "there is not enough memory");
  cpng_writer *writer = calloc(1, sizeof *writer);
  if (!writer) return NULL;
  writer->file = fopen(path, "wb");
  if (!writer->file) {
    snprintf(error, CPNG_ERROR_SIZE, "%s", strerror(errno));
  } else {
    writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore);
    if (writer->png) writer->info = png_create_info_struct(writer->png);
    if (writer->info && write_head(writer, picture)) return writer;
  }
  cpng_close_writer(writer);
  return NULL;
}

int cpng_write_rows(cpng_writer *writer, const void *rows, uint32_t count,
                    char error[CPNG_ERROR_SIZE]) {
  report_to(writer->png, error);
  if (setjmp(png_jmpbuf(writer->png))) return 0;
  if (count > writer->rows_left) png_error(writer->png, "the picture has no more rows");
  for (uint32_t row = 0; row < count; row++)
    png_write_row(writer->png, (png_const_bytep)rows + row * writer->row_bytes);
  writer->rows_left -= count;
  if (count > 0 && writer->rows_left == 0) {
    png_write_end(writer->png, NULL);
    flush(writer->png);
  }
  return 1;
}
