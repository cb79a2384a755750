# The kernels: the files of src/*/kernels, compiled once a tier, with the options
# for its instructions, the tier's name in KJ__TIER. Which tier runs is chosen
# when the program does (src/base/tier.h).
#
# KANJO_KERNEL_OBJECTS  what goes into a library
# KANJO_KERNEL_TARGETS  the targets that compile them
# KANJO_TIER_OPTIONS_T  the options of tier T
# KJ__X86_TIERS         defined where there is more than the baseline
include(CheckCSourceCompiles)
check_c_source_compiles("
#ifndef __x86_64__
#error other processor
#endif
int main(void) { return __builtin_cpu_supports(\"avx512bf16\"); }"
  KANJO_X86_TIERS)

file(GLOB KANJO_KERNEL_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/src/network/kernels/*.c"
  "${CMAKE_SOURCE_DIR}/src/features/kernels/*.c")
set(KANJO_KERNEL_TARGETS "")
set(KANJO_KERNEL_OBJECTS "")

macro(kanjo_add_tier tier sources)
  set(target kanjo_kernels_${tier})
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PRIVATE
    "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
  target_compile_definitions(${target} PRIVATE KJ__TIER=${tier})
  target_compile_options(${target} PRIVATE ${ARGN})
  set(KANJO_TIER_OPTIONS_${tier} ${ARGN})
  list(APPEND KANJO_KERNEL_TARGETS ${target})
  list(APPEND KANJO_KERNEL_OBJECTS $<TARGET_OBJECTS:${target}>)
endmacro()

kanjo_add_tier(baseline "${KANJO_KERNEL_SOURCES}")
if(KANJO_X86_TIERS)
  set(avx512 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl
    -mprefer-vector-width=512)
  kanjo_add_tier(avx2 "${KANJO_KERNEL_SOURCES}" -mavx2 -mfma)
  kanjo_add_tier(avx512 "${KANJO_KERNEL_SOURCES}" ${avx512})
  # In single precision this tier has nothing that avx512 has not.
  set(narrow ${KANJO_KERNEL_SOURCES})
  list(FILTER narrow INCLUDE REGEX "/narrow_[a-z_]*\\.c$")
  if(narrow)
    kanjo_add_tier(avx512bf16 "${narrow}" ${avx512} -mavx512bf16)
  endif()
endif()
