# What takes time: bench/NAME.c is one program, bench_NAME, run by hand; they
# share bench/common.
file(GLOB KANJO_BENCH_COMMON CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/bench/common/*.c")
add_library(kanjo_bench STATIC ${KANJO_BENCH_COMMON})
target_include_directories(kanjo_bench PUBLIC
  "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/bench")
target_link_libraries(kanjo_bench PUBLIC kanjo Threads::Threads)
file(GLOB KANJO_BENCH_SOURCES CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/bench/*.c")
foreach(source ${KANJO_BENCH_SOURCES})
  get_filename_component(name "${source}" NAME_WE)
  add_executable(bench_${name} "${source}")
  target_link_libraries(bench_${name} PRIVATE kanjo_bench)
endforeach()

# That they run, not how fast.
if(KANJO_TESTS)
  add_test(NAME bench.train COMMAND bench_train --rows 64 --batch 32,40
    --smoothing none,noise,at,vat --epochs 1 --kernels)
  add_test(NAME bench.train_json COMMAND bench_train --json --rows 33
    --batch 32 --smoothing vat --direction power --epochs 2 --threads 1)
endif()
