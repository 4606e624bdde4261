// Finds the route of a request. Immutable after construction: all io threads share one.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/net/request_head.h"
#include "server/net/route.h"

namespace tagswell {

class Router {
 public:
  // `serves` leaves out routes: to this router they are not there. Empty: none is left out.
  explicit Router(std::vector<Route> routes, const std::function<bool(const Route&)>& serves = {});

  struct Match {
    const Route* route = nullptr;  // null: OPTIONS, answered with `allow`
    std::size_t index = 0;         // of the route in the table
    std::vector<NameValue> path_params;
    std::string_view allow;  // "GET, HEAD, OPTIONS"
    bool head_only = false;  // HEAD, answered by the GET route
  };

  // `path` is raw. Faults: 404 not_found, 405 method_not_allowed (with Allow in `allow`), 501 unsupported_method,
  // 400 malformed_path. O(1) for patterns without names, else O(patterns with names).
  struct Miss {
    HttpFault fault;
    std::string_view allow;
  };
  std::expected<Match, Miss> Find(std::string_view method, std::string_view path) const;

  // The query of `route`'s request, checked against its declaration. Faults, all 400: malformed_query,
  // unknown_parameter, repeated_parameter.
  static std::expected<std::vector<NameValue>, HttpFault> CheckQuery(const Route& route, std::string_view query);

 private:
  static constexpr std::size_t kMethods = 6;
  struct Entry {
    std::string pattern;
    std::vector<std::string> segments;
    std::array<std::optional<std::size_t>, kMethods> routes;
    std::string allow;
  };

  const Entry* FindEntry(std::string_view path, std::vector<NameValue>& params, bool& malformed) const;

  std::vector<Route> routes_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::size_t> exact_;  // keys view into entries_; only our own strings
};

}  // namespace tagswell
