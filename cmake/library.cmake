# libkanjo, and libkanjo_core inside it: the part that runs anywhere.
#
# A room is a folder of src/. The core takes whole rooms, and of base and
# network the files named here; the rest of those two rooms needs threads,
# files, or serves training only.
include("${CMAKE_SOURCE_DIR}/cmake/kernels.cmake")
set(KANJO_CORE_BASE error.c memory.c random.c bytes.c tier.c)
set(KANJO_CORE_NETWORK network.c panels.c kernels.c plain.c packed.c)

list(TRANSFORM KANJO_CORE_BASE PREPEND "${CMAKE_SOURCE_DIR}/src/base/")
list(TRANSFORM KANJO_CORE_NETWORK PREPEND "${CMAKE_SOURCE_DIR}/src/network/")
file(GLOB KANJO_CORE_ROOMS CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/src/features/*.c"
  "${CMAKE_SOURCE_DIR}/src/estimator/*.c")
set(KANJO_CORE_SOURCES ${KANJO_CORE_BASE} ${KANJO_CORE_NETWORK}
  ${KANJO_CORE_ROOMS} ${KANJO_KERNEL_OBJECTS})
if(KANJO_X86_TIERS)
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/base/tier.c"
    "${CMAKE_SOURCE_DIR}/src/network/kernels.c"
    "${CMAKE_SOURCE_DIR}/src/network/packed.c"
    "${CMAKE_SOURCE_DIR}/src/features/lanes.c"
    PROPERTIES COMPILE_DEFINITIONS KJ__X86_TIERS)
endif()

add_library(kanjo_core STATIC ${KANJO_CORE_SOURCES})
target_include_directories(kanjo_core PUBLIC
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE "${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(kanjo_core PUBLIC
  $<BUILD_INTERFACE:KANJO_VERSION="${PROJECT_VERSION}">)
target_link_libraries(kanjo_core PUBLIC m)

if(NOT KANJO_CORE_ONLY)
  find_package(PkgConfig REQUIRED)
  find_package(Threads REQUIRED)
  pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
  pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)
  pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
  pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
  pkg_check_modules(YAML-0.1 REQUIRED IMPORTED_TARGET yaml-0.1)
  pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
  pkg_check_modules(NLOPT REQUIRED IMPORTED_TARGET nlopt)
  find_library(CSV_LIBRARY csv REQUIRED)

  file(GLOB KANJO_REST CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/src/base/*.c"
    "${CMAKE_SOURCE_DIR}/src/network/*.c"
    "${CMAKE_SOURCE_DIR}/src/audio/*.c"
    "${CMAKE_SOURCE_DIR}/src/audio/disturb/*.c"
    "${CMAKE_SOURCE_DIR}/src/metrics/*.c"
    "${CMAKE_SOURCE_DIR}/src/smoothing/*.c"
    "${CMAKE_SOURCE_DIR}/src/model/*.c"
    "${CMAKE_SOURCE_DIR}/src/training/*.c"
    "${CMAKE_SOURCE_DIR}/src/corpus/*.c"
    "${CMAKE_SOURCE_DIR}/src/corpus/import/*.c"
    "${CMAKE_SOURCE_DIR}/src/corpus/synth/*.c"
    "${CMAKE_SOURCE_DIR}/src/experiment/*.c"
    "${CMAKE_SOURCE_DIR}/src/experiment/report/*.c"
    "${CMAKE_SOURCE_DIR}/src/experiment/search/*.c")
  list(REMOVE_ITEM KANJO_REST ${KANJO_CORE_SOURCES})
  add_library(kanjo STATIC ${KANJO_CORE_SOURCES} ${KANJO_REST})
  # The program and the tests use what is inside as well, so they are always
  # linked with the static library; a shared one shows kj_ and KJ_ alone.
  set(KANJO_LIBRARIES kanjo)
  if(BUILD_SHARED_LIBS OR (KANJO_TESTS AND NOT KANJO_SANITIZE))
    add_library(kanjo_shared SHARED $<TARGET_OBJECTS:kanjo>
      ${KANJO_KERNEL_OBJECTS})
    list(APPEND KANJO_LIBRARIES kanjo_shared)
    set(map "${CMAKE_SOURCE_DIR}/cmake/kanjo.map")
    set_target_properties(kanjo_shared PROPERTIES OUTPUT_NAME kanjo
      EXPORT_NAME kanjo LINKER_LANGUAGE C LINK_DEPENDS "${map}"
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    target_link_options(kanjo_shared PRIVATE
      "LINKER:--version-script=${map}" LINKER:--no-undefined)
  endif()
  foreach(library ${KANJO_LIBRARIES})
    target_include_directories(${library} PUBLIC
      $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
      PRIVATE "${CMAKE_SOURCE_DIR}/src")
    target_compile_definitions(${library} PUBLIC
      $<BUILD_INTERFACE:KANJO_VERSION="${PROJECT_VERSION}">)
    target_link_libraries(${library} PUBLIC m PRIVATE Threads::Threads
      PkgConfig::SNDFILE PkgConfig::SOXR PkgConfig::JANSSON
      PkgConfig::EXPAT PkgConfig::YAML-0.1 PkgConfig::SQLITE3
      PkgConfig::NLOPT csv)
  endforeach()
endif()
