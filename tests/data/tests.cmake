# The embedded data set is what its script makes.
if(TARGET kanjo_program)
  add_test(NAME data.emodb_table
    COMMAND "${CMAKE_SOURCE_DIR}/tests/data/emodb_table"
      "$<TARGET_FILE:kanjo_program>" "${KANJO_SHARED_DIR}"
      "${CMAKE_BINARY_DIR}/data-emodb")
  set_tests_properties(data.emodb_table PROPERTIES SKIP_RETURN_CODE 77)
endif()
