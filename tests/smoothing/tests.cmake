# The smoothing room with kj_real double, its steps against numpy, and all of
# it on every tier of kernels that the machine has.
if(KANJO_CORE_ONLY)
  return()
endif()

# Against the library of doubles: sources of their own, and some built twice.
foreach(source differences gradients power test_direction test_supervised
    test_terms)
  string(REPLACE "test_" "" name "${source}")
  set(target test_smoothing_${name}_double)
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/smoothing/${source}.c")
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE kanjo_double ${CMOCKA_LIBRARY} m)
  add_test(NAME smoothing.${name}.double COMMAND ${target})
endforeach()

# Training steps, printed by the library and computed again in numpy.
foreach(precision float double)
  set(library kanjo)
  if(precision STREQUAL "double")
    set(library kanjo_double)
  endif()
  set(target smoothing_dump_step_${precision})
  add_executable(${target} "${CMAKE_SOURCE_DIR}/tests/smoothing/dump_step.c")
  target_include_directories(${target} PRIVATE
    "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE ${library} m)
  add_test(NAME smoothing.step.${precision} COMMAND /usr/bin/python3
    "${CMAKE_SOURCE_DIR}/tests/smoothing/step.py"
    $<TARGET_FILE:${target}> ${precision})
endforeach()

# The tests above run on the best tier there is; here on each. What a machine
# does not have is reported as skipped.
foreach(tier baseline avx2 avx512 avx512bf16)
  set(names "")
  foreach(name direction terms descend small_moves supervised threads)
    add_test(NAME smoothing.${name}.${tier} COMMAND test_smoothing_${name})
    list(APPEND names smoothing.${name}.${tier})
  endforeach()
  foreach(precision float bf16)
    set(name smoothing.step.${precision}.${tier})
    add_test(NAME ${name} COMMAND /usr/bin/python3
      "${CMAKE_SOURCE_DIR}/tests/smoothing/step.py"
      $<TARGET_FILE:smoothing_dump_step_float> ${precision})
    list(APPEND names ${name})
  endforeach()
  set_tests_properties(${names} PROPERTIES
    ENVIRONMENT "KANJO_CPU=${tier}" SKIP_RETURN_CODE 77)
endforeach()
