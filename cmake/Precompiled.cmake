# Standard headers take more than half of the time of most files: they are compiled once, and once more with GoogleTest
# for the unit tests. Files include what they use all the same: the gcc preset builds without.
option(TAGSWELL_PRECOMPILE "Compile standard headers once for all files" OFF)
if(NOT TAGSWELL_PRECOMPILE)
  return()
endif()

function(tagswell_precompile name)
  set(source ${PROJECT_BINARY_DIR}/generated/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE tagswell::compiler absl::flat_hash_map absl::flat_hash_set absl::inlined_vector)
  target_precompile_headers(${name} PRIVATE
    <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <condition_variable> <cstdint> <cstring> <deque> <expected>
    <filesystem> <functional> <map> <memory> <mutex> <optional> <random> <ranges> <set> <span> <string> <string_view>
    <thread> <tuple> <utility> <variant> <vector>
    <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/container/inlined_vector.h> ${ARGN})
endfunction()
tagswell_precompile(tagswell_precompiled)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  tagswell_precompile(tagswell_precompiled_tests <gtest/gtest.h>)
  target_link_libraries(tagswell_precompiled_tests PRIVATE GTest::gtest)
endif()

foreach(room proto trend storage server client connect pipeline api webhooks synth commands)
  target_precompile_headers(tagswell_${room} REUSE_FROM tagswell_precompiled)
  if(TARGET unit_${room})
    target_precompile_headers(unit_${room} REUSE_FROM tagswell_precompiled_tests)
  endif()
endforeach()
