# These stand in for the functions that are to fail. Only where libkanjo is
# static do its calls pass through the test's linker.
get_target_property(kanjo_type kanjo TYPE)
foreach(name shortage synth_shortage)
  if(kanjo_type STREQUAL "STATIC_LIBRARY")
    target_link_options(test_corpus_${name} PRIVATE
      LINKER:--wrap=malloc,--wrap=realloc)
  else()
    set_tests_properties(corpus.${name} PROPERTIES DISABLED TRUE)
  endif()
endforeach()
