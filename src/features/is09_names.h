/* is09_names.h: the names that is09 and is09-clean share. */
#ifndef KJ_FEATURES_IS09_NAMES_H
#define KJ_FEATURES_IS09_NAMES_H

#include "features/descriptors.h"
#include "features/functionals.h"
#include "features/recipe.h"

extern const kj__contour_name kj__is09_contours[KJ__N_RAW];
extern const char *const kj__is09_stages[2];
extern const char *const kj__is09_functionals[KJ__N_FUNCTIONALS];

#endif
