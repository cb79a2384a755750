# test_shortage.c stands in for malloc and realloc. Only where libkanjo is
# static do its calls pass through the test's linker.
if(KANJO_CORE_ONLY)
  return()
endif()
get_target_property(kanjo_type kanjo TYPE)
if(kanjo_type STREQUAL "STATIC_LIBRARY")
  target_link_options(test_experiment_shortage PRIVATE
    LINKER:--wrap=malloc,--wrap=realloc)
else()
  set_tests_properties(experiment.shortage PROPERTIES DISABLED TRUE)
endif()

# The report, read back.
add_executable(experiment_report_dump
  "${CMAKE_SOURCE_DIR}/tests/experiment/report_dump.c")
target_link_libraries(experiment_report_dump PRIVATE kanjo PkgConfig::JANSSON)
add_test(NAME experiment.report COMMAND /usr/bin/python3 -B
  "${CMAKE_SOURCE_DIR}/tests/experiment/report.py"
  $<TARGET_FILE:experiment_report_dump>)

# What a model knows of novelty, against numpy.
if(NOT KANJO_CORE_ONLY)
  add_test(NAME experiment.novelty_numpy COMMAND /usr/bin/python3 -B
    "${CMAKE_SOURCE_DIR}/tests/experiment/novelty.py"
    $<TARGET_FILE:kanjo_program>)
endif()
