// What reading and writing of whole pictures and of rows share.

#pragma once

#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>

static inline void fail(png_structp png, png_const_charp message) {
  snprintf(png_get_error_ptr(png), CPNG_ERROR_SIZE, "%s", message);
  png_longjmp(png, 1);
}

static inline void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static inline int is_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one;
}
