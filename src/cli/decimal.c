/*
 * decimal.c: numbers as printf's "%.9g" writes them, several times as fast.
 *
 * A number v with 10^x <= v < 10^(x+1) is scaled by 10^(8-x). Powers of ten up
 * to 10^22 are exact in double, so the product is rounded once, by less than
 * 1.2e-7; where its fraction is as close to a half as that, or the power is
 * beyond those, printf decides.
 */
#include "cli/decimal.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 9, MOST_POWER = 22, LEAST_FIXED = -4 };

static const double POWER[MOST_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The first nine digits of a number, and the power of ten of the first. */
typedef struct decimal {
  uint32_t digits;
  int exponent;
} decimal;

static double scale(double value, int exponent)
{
  const int k = DIGITS - 1 - exponent;
  return k >= 0 ? value * POWER[k] : value / POWER[-k];
}

/* Of a positive number; false: printf is to decide. */
static bool find_digits(double value, decimal *d)
{
  const double low = 1e-13, high = 1e29; /* powers +-21, and one to spare */
  if (!(value >= low && value < high))
    return false;
  int binary;
  frexp(value, &binary);
  int x = (int)floor((binary - 1) * 0.30102999566398120); /* log10(2) */
  double scaled = scale(value, x);
  if (scaled >= POWER[DIGITS])
    scaled = scale(value, ++x);
  uint32_t digits = (uint32_t)scaled;
  const double over = scaled - digits - 0.5;
  if (fabs(over) < 1e-6)
    return false;
  digits += over > 0.0;
  if (digits == 1000000000) {
    digits = 100000000;
    x++;
  }
  *d = (decimal){digits, x};
  return true;
}

/* "-5" as "e-05". */
static char *put_exponent(char *to, int exponent)
{
  const unsigned e = (unsigned)(exponent < 0 ? -exponent : exponent);
  *to++ = 'e';
  *to++ = exponent < 0 ? '-' : '+';
  *to++ = (char)('0' + e / 10);
  *to++ = (char)('0' + e % 10);
  return to;
}

/* Nine digits with the point behind the first n_whole, without the zeros that
 * end them. */
static char *put_digits(char *to, const char digits[DIGITS], int n_whole)
{
  int n = DIGITS;
  while (n > 1 && n > n_whole && digits[n - 1] == '0')
    n--;
  memcpy(to, digits, (size_t)n_whole);
  to += n_whole;
  if (n == n_whole)
    return to;
  *to++ = '.';
  memcpy(to, digits + n_whole, (size_t)(n - n_whole));
  return to + n - n_whole;
}

static char *put_decimal(char *to, decimal d)
{
  char digits[DIGITS];
  for (int i = DIGITS - 1; i >= 0; i--, d.digits /= 10)
    digits[i] = (char)('0' + d.digits % 10);
  if (d.exponent < LEAST_FIXED || d.exponent >= DIGITS)
    return put_exponent(put_digits(to, digits, 1), d.exponent);
  if (d.exponent >= 0)
    return put_digits(to, digits, d.exponent + 1);
  const size_t n_zeros = (size_t)-d.exponent - 1;
  memcpy(to, "0.000", 2 + n_zeros);
  to += 2 + n_zeros;
  int n = DIGITS;
  while (digits[n - 1] == '0')
    n--;
  memcpy(to, digits, (size_t)n);
  return to + n;
}

size_t cli_decimal(double value, char text[CLI_DECIMAL_SIZE])
{
  decimal d;
  char *to = text;
  if (signbit(value))
    *to++ = '-';
  if (value == 0.0)
    *to++ = '0';
  else if (find_digits(fabs(value), &d))
    to = put_decimal(to, d);
  else
    return (size_t)snprintf(text, CLI_DECIMAL_SIZE, "%.9g", value);
  return (size_t)(to - text);
}
