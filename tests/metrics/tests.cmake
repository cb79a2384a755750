# The metrics room against numpy and scipy.
if(NOT KANJO_CORE_ONLY)
  foreach(pair dump:oracle paired_dump:paired_oracle)
    string(REGEX MATCH "^[^:]+" dump "${pair}")
    string(REGEX MATCH "[^:]+$" oracle "${pair}")
    add_executable(metrics_${dump} "${CMAKE_SOURCE_DIR}/tests/metrics/${dump}.c")
    target_link_libraries(metrics_${dump} PRIVATE kanjo)
    add_test(NAME metrics.${oracle}
      COMMAND /usr/bin/python3
        "${CMAKE_SOURCE_DIR}/tests/metrics/${oracle}.py"
        $<TARGET_FILE:metrics_${dump}>)
    set_tests_properties(metrics.${oracle} PROPERTIES SKIP_RETURN_CODE 77)
  endforeach()
endif()
