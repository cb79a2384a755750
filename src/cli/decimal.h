/* decimal.h: numbers as text, many of them. */
#ifndef KJ_CLI_DECIMAL_H
#define KJ_CLI_DECIMAL_H

#include <stddef.h>

enum { CLI_DECIMAL_SIZE = 32 /* bytes, more than any number needs */ };

/* Write what printf's "%.9g" would. Returns its length; no zero follows. */
size_t cli_decimal(double value, char text[CLI_DECIMAL_SIZE]);

#endif
