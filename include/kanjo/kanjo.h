/*
 * kanjo.h: all of Kanjo.
 *
 * A voice goes through the headers in this order: recording.h (a sound file to
 * features; from audio.h and features.h), model.h (the file that holds an
 * estimator), estimator.h (features to valence, activation, dominance). The
 * rest makes such estimators: corpus.h, training.h, experiment.h, metrics.h;
 * and compare them: protocol.h, runs.h, search.h.
 * examples/estimate_wav.c is the shortest whole program.
 */
#ifndef KANJO_KANJO_H
#define KANJO_KANJO_H

#include "kanjo/activity.h"
#include "kanjo/audio.h"
#include "kanjo/audit.h"
#include "kanjo/binary.h"
#include "kanjo/conversion.h"
#include "kanjo/corpus.h"
#include "kanjo/corpus_check.h"
#include "kanjo/corpus_export.h"
#include "kanjo/coverage.h"
#include "kanjo/estimator.h"
#include "kanjo/experiment.h"
#include "kanjo/explanation.h"
#include "kanjo/features.h"
#include "kanjo/import.h"
#include "kanjo/memory.h"
#include "kanjo/metrics.h"
#include "kanjo/model.h"
#include "kanjo/network.h"
#include "kanjo/paired.h"
#include "kanjo/protocol.h"
#include "kanjo/raters.h"
#include "kanjo/real.h"
#include "kanjo/recording.h"
#include "kanjo/report.h"
#include "kanjo/ridge.h"
#include "kanjo/routing.h"
#include "kanjo/runs.h"
#include "kanjo/search.h"
#include "kanjo/smoothing.h"
#include "kanjo/status.h"
#include "kanjo/synthesis.h"
#include "kanjo/training.h"
#include "kanjo/windows.h"

#endif
