/*
 * is09_names.c: how the columns of is09, and of is09-clean, are called.
 */
#include "features/is09_names.h"

const kj__contour_name kj__is09_contours[KJ__N_RAW] = {
    {"pcm_RMSenergy", ""},       {"pcm_fftMag_mfcc", "[1]"},
    {"pcm_fftMag_mfcc", "[2]"},  {"pcm_fftMag_mfcc", "[3]"},
    {"pcm_fftMag_mfcc", "[4]"},  {"pcm_fftMag_mfcc", "[5]"},
    {"pcm_fftMag_mfcc", "[6]"},  {"pcm_fftMag_mfcc", "[7]"},
    {"pcm_fftMag_mfcc", "[8]"},  {"pcm_fftMag_mfcc", "[9]"},
    {"pcm_fftMag_mfcc", "[10]"}, {"pcm_fftMag_mfcc", "[11]"},
    {"pcm_fftMag_mfcc", "[12]"}, {"pcm_zcr", ""},
    {"voiceProb", ""},           {"F0", ""},
};

const char *const kj__is09_stages[2] = {"_sma", "_sma_de"};

const char *const kj__is09_functionals[KJ__N_FUNCTIONALS] = {
    [KJ__MAX] = "max",
    [KJ__MIN] = "min",
    [KJ__RANGE] = "range",
    [KJ__MAX_POSITION] = "maxPos",
    [KJ__MIN_POSITION] = "minPos",
    [KJ__MEAN] = "amean",
    [KJ__SLOPE] = "linregc1",
    [KJ__OFFSET] = "linregc2",
    [KJ__LINE_ERROR] = "linregerrQ",
    [KJ__DEVIATION] = "stddev",
    [KJ__SKEWNESS] = "skewness",
    [KJ__KURTOSIS] = "kurtosis",
};
