# test_shortage.c stands in for the functions that are to fail. Only where
# libkanjo is static do its calls pass through the test's linker.
get_target_property(kanjo_type kanjo TYPE)
if(kanjo_type STREQUAL "STATIC_LIBRARY")
  target_link_options(test_corpus_shortage PRIVATE
    LINKER:--wrap=malloc,--wrap=realloc)
else()
  set_tests_properties(corpus.shortage PROPERTIES DISABLED TRUE)
endif()
