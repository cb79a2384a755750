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
    {{"uudb", "UUDB", "ja", "1:7",
      "research licence of NII-SRC, on application",
      "https://research.nii.ac.jp/src/en/UUDB.html", 4840},
     false,
     kj__import_uudb},
    {{"msp-improv", "MSP-IMPROV", "en", "1:5",
      "academic licence of the MSP laboratory, on request",
      "https://ecs.utdallas.edu/research/researchlabs/msp-lab/MSP-Improv.html",
      8438},
     false,
     kj__import_msp_improv},
    {{"msp-podcast", "MSP-Podcast", "en", "1:7",
      "academic licence of the MSP laboratory, on request",
      "https://ecs.utdallas.edu/research/researchlabs/msp-lab/MSP-Podcast.html",
      0},
     false,
     kj__import_msp_podcast},
    {{"whiser", "WHiSER", "en", "1:7",
      "academic licence of the MSP laboratory, on request",
      "https://ecs.utdallas.edu/research/researchlabs/msp-lab/", 0},
     false,
     kj__import_msp_podcast},
    {{"ogvc", "OGVC", "ja", "", "research licence of NII-SRC, on application",
      "https://research.nii.ac.jp/src/en/OGVC.html", 11770},
     false,
     kj__import_ogvc},
};

const size_t KJ__N_IMPORTERS = sizeof KJ__IMPORTERS / sizeof KJ__IMPORTERS[0];
