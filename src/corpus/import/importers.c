/*
 * importers.c: the table of corpora that can be imported.
 */
#include "corpus/import/import.h"

/* name, title, languages, scale, licence, source, utterances; takes a table of
 * ratings; function */
const kj__importer KJ__IMPORTERS[] = {
    {{"iemocap", "IEMOCAP", "en", "1:5", "USC release agreement, on request",
      "https://sail.usc.edu/iemocap/", 10039},
     false,
     kj__import_iemocap},
};

const size_t KJ__N_IMPORTERS = sizeof KJ__IMPORTERS / sizeof KJ__IMPORTERS[0];
