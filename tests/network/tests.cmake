# The network room in float, and some of it with kj_real double.
if(KANJO_CORE_ONLY)
  return()
endif()

# One source each, against the library of doubles.
foreach(source test_products.c test_loss.c)
  string(REGEX REPLACE "^test_|\\.c$" "" name "${source}")
  add_executable(test_network_${name}_double
    "${CMAKE_SOURCE_DIR}/tests/network/${source}")
  target_link_libraries(test_network_${name}_double PRIVATE kanjo_double
    ${CMOCKA_LIBRARY} m)
  add_test(NAME network.${name}.double COMMAND test_network_${name}_double)
endforeach()

# The sums of the products stay in registers. In bf16 without instructions for
# it they need not: nobody chooses that for its speed.
if(KANJO_X86_TIERS AND CMAKE_BUILD_TYPE STREQUAL "Release" AND
    NOT KANJO_SANITIZE AND NOT KANJO_FUZZ)
  set(objects "")
  foreach(target ${KANJO_KERNEL_TARGETS})
    set(of_target "$<TARGET_OBJECTS:${target}>")
    if(target MATCHES "_(baseline|avx2)$")
      set(of_target "$<FILTER:${of_target},EXCLUDE,/narrow_>")
    endif()
    list(APPEND objects "${of_target}")
  endforeach()
  add_test(NAME network.registers COMMAND_EXPAND_LISTS
    COMMAND "${CMAKE_SOURCE_DIR}/tools/check-kernels" ${objects})
endif()
