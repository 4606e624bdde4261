#include "server/api/page_api.h"

#include <memory>
#include <string>
#include <utility>

#include "server/page/page_assets.h"

namespace tagswell {
namespace {

// Nothing from elsewhere, nothing inline. Posts are strangers' text: should one ever reach the page as markup, this
// keeps it from running.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// If-None-Match: a list of tags, each perhaps weak, or "*". Ours hold no comma and no quote inside.
bool Matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

Response Answer(const PageAsset& asset, const std::shared_ptr<const std::string>& bytes, const Request& request) {
  Response response;
  response.headers.emplace_back("ETag", asset.etag);
  // Asked for again at each visit: a new server's page never meets an old one's script.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  if (Matches(request.Header("if-none-match"), asset.etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = asset.content_type;
  response.shared_body = bytes;
  return response;
}

}  // namespace

void AddPageRoutes(std::vector<Route>& routes) {
  for (const PageAsset& asset : PageAssets()) {
    auto bytes = std::make_shared<const std::string>(asset.bytes.begin(), asset.bytes.end());
    Route route;
    route.pattern = asset.path;
    route.handler = [&asset, bytes = std::move(bytes)](Request&& request, Reply reply) {
      reply(Answer(asset, bytes, request));
    };
    routes.push_back(std::move(route));
  }
}

}  // namespace tagswell
