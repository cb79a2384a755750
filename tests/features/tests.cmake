# The numpy reference of the IS09 set (tools/is09_reference.py) against the
# golden files it was written to meet, and against the fixtures made with it.
set(KANJO_IS09_REFERENCE /usr/bin/python3 -B
  "${CMAKE_SOURCE_DIR}/tools/is09_reference.py")

add_test(NAME features.reference_golden COMMAND ${KANJO_IS09_REFERENCE}
  --check-golden "${KANJO_SHARED_DIR}/features")
set_tests_properties(features.reference_golden PROPERTIES
  SKIP_RETURN_CODE 77)

add_test(NAME features.reference_fixtures COMMAND ${KANJO_IS09_REFERENCE}
  --write-fixtures "${CMAKE_BINARY_DIR}/fixtures/is09"
  --expect "${CMAKE_SOURCE_DIR}/tests/fixtures/is09")
