// The streams side by side: the default one under its own paths, each one by its name below /v1/streams/, and who may.
#pragma once

#include <memory>
#include <vector>

#include "server/api/stream.h"

namespace tagswell {

// Whether a token of the configuration is good for everything, or for its streams only.
class StreamRights {
 public:
  // `tokens` outlive it.
  explicit StreamRights(const std::vector<Token>& tokens) : tokens_(tokens) {}

  bool MayAll(const Request& request) const;
  bool May(const Request& request, std::string_view stream) const;

 private:
  const std::vector<Token>& tokens_;
};

// "/v1/posts" of the default stream, "/v1/streams/{stream}/posts" of any, and /v1/streams, which lists them. Refusals:
// 404 unknown_stream, 403 stream_not_allowed. The default stream is the first. All outlive the routes.
void AddStreamRoutes(const std::vector<std::unique_ptr<Stream>>& streams, const StreamRights& rights,
                     std::vector<Route>& routes);

}  // namespace tagswell
