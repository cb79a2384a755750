# The metrics room against numpy and scipy.
if(NOT KANJO_CORE_ONLY)
  add_executable(metrics_dump "${CMAKE_SOURCE_DIR}/tests/metrics/dump.c")
  target_link_libraries(metrics_dump PRIVATE kanjo)
  add_test(NAME metrics.oracle
    COMMAND /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/metrics/oracle.py"
      $<TARGET_FILE:metrics_dump>)
  set_tests_properties(metrics.oracle PROPERTIES SKIP_RETURN_CODE 77)
endif()
