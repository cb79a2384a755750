# test_shortage.c stands in for functions that are to fail. Only where libkanjo
# is static do its calls pass through the test's linker.
if(TARGET test_audio_shortage)
  get_target_property(kanjo_type kanjo TYPE)
  if(kanjo_type STREQUAL "STATIC_LIBRARY")
    target_link_options(test_audio_shortage PRIVATE
      LINKER:--wrap=malloc,--wrap=soxr_create,--wrap=soxr_process)
    target_link_libraries(test_audio_shortage PRIVATE PkgConfig::SOXR)
  else()
    set_tests_properties(audio.shortage PROPERTIES DISABLED TRUE)
  endif()
endif()
