/*
 * outputs.h: a step's numbers at the outputs, row by row: what follows the
 * last layer, both terms of the objective, and their derivatives.
 */
#ifndef KJ_SMOOTHING_OUTPUTS_H
#define KJ_SMOOTHING_OUTPUTS_H

#include "smoothing/step.h"

/* z and f of the clean pass. */
void kj__outputs_clean(const kj__state *s);

/* sigma of D: that of the settings, or relative to the clean outputs. */
void kj__outputs_scale(const kj__state *s);

/* L of the supervised rows; signal, clean: its derivatives by z. */
double kj__outputs_supervised(const kj__state *s);

/* excess, before anything has moved: of ratings f - y of the labelled rows, 0
 * where y is missing; else 0. */
void kj__outputs_miss(const kj__state *s);

/* signal, moved: from that, the derivatives of each row's D(y, f) by f. */
void kj__outputs_miss_signal(const kj__state *s);

/* excess: z' - z of the covered rows, before the activation. */
void kj__outputs_moved(const kj__state *s);

/* R of the covered rows, after the moved pass; excess: f' - f, or with AT of
 * ratings f' - y. */
double kj__outputs_second_term(const kj__state *s);

/* signal, moved: lambda times R's derivatives by z'. */
void kj__outputs_second_signal(const kj__state *s);

/* signal, moved: the derivatives of each row's own D by its excess. */
void kj__outputs_signal(const kj__state *s);

#endif
