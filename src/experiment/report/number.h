/* number.h: numbers as the report prints them: a decimal point in any locale,
 * and no NaN. */
#ifndef KJ_EXPERIMENT_REPORT_NUMBER_H
#define KJ_EXPERIMENT_REPORT_NUMBER_H

#include <jansson.h>

/* A short text by value: valid to the end of the expression it stands in. */
typedef struct kj__figure_text {
  char text[96];
} kj__figure_text;

/* The number in JSON, NaN for null and for what is not there. */
double kj__report_number(const json_t *object, const char *key);

/* "0.123"; "-" for NaN. */
kj__figure_text kj__fixed(double value, int n_digits);

/* As short as tells the number: "1.5"; "-" for NaN. */
kj__figure_text kj__short(double value);

/* To nine digits, for tables that programs read. */
kj__figure_text kj__precise(double value);

/* The mean, low and high of the object, a mean called `key`, with as many
 * digits each, so that an interval never seems to miss its mean: "0.15 [0.10,
 * 0.20]"; "0.15 (no interval)" where a bound is NaN; "-" where the mean is. */
kj__figure_text kj__with_bounds(const json_t *object, const char *key,
                                int n_digits);

/* A count, "-" where it is not known. */
kj__figure_text kj__count(const json_t *object, const char *key);

/* A p: ".034", "< .001"; "-" for NaN. */
kj__figure_text kj__p_value(double p);

#endif
