// Follows the trend events of a server over Server-Sent Events, across lost connections: each event once, in order.
// Not thread-safe.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "server/client/event_stream_parser.h"
#include "server/client/http_stream.h"

namespace tagswell {

class EventWatcher {
 public:
  // `query` filters: "scope=world&type=started". Without `since` it begins with what happens from now on.
  EventWatcher(HttpStream& stream, const Interruption& interruption, std::string query,
               std::optional<std::uint64_t> since);

  // Both are called on the caller's thread. `on_notice` hears of lost connections and of events that are gone.
  // Returns when interrupted (success), or with an error that waiting does not mend: unreachable at the very first
  // try, refused, bad_stream.
  std::expected<void, Error> Run(const std::function<void(std::string_view json)>& on_event,
                                 const std::function<void(const std::string&)>& on_notice);

 private:
  std::string Target(bool first) const;
  std::expected<void, Error> ReadEvents(EventStreamParser& parser,
                                        const std::function<void(std::string_view)>& on_event);

  HttpStream& stream_;
  const Interruption& interruption_;
  const std::string query_;
  const std::optional<std::uint64_t> since_;
};

}  // namespace tagswell
