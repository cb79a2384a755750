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

set(KANJO_CLEAN_REFERENCE /usr/bin/python3 -B
  "${CMAKE_SOURCE_DIR}/tools/is09_clean_reference.py")
add_test(NAME features.clean_reference_fixtures COMMAND
  ${KANJO_CLEAN_REFERENCE}
  --write-fixtures "${CMAKE_BINARY_DIR}/fixtures/is09_clean"
  --expect "${CMAKE_SOURCE_DIR}/tests/fixtures/is09_clean")

# What decides how the kernels agree, on every tier there is; what a machine
# does not have is reported as skipped.
if(NOT KANJO_CORE_ONLY)
  foreach(tier baseline avx2 avx512)
    if(NOT TARGET kanjo_kernels_${tier})
      continue()
    endif()
    set(target features_logarithm_${tier})
    add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/features/logarithm.c")
    target_compile_definitions(${target} PRIVATE KJ__TIER=${tier})
    target_compile_options(${target} PRIVATE ${KANJO_TIER_OPTIONS_${tier}})
    target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(${target} PRIVATE kanjo m)
    add_test(NAME features.logarithm.${tier} COMMAND ${target})
    set(names features.logarithm.${tier})
    foreach(name golden fixtures stream)
      add_test(NAME features.${name}.${tier} COMMAND test_features_${name})
      list(APPEND names features.${name}.${tier})
    endforeach()
    set_tests_properties(${names} PROPERTIES
      ENVIRONMENT "KANJO_CPU=${tier}" SKIP_RETURN_CODE 77)
  endforeach()
endif()
