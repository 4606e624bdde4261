#include "trend/open_minutes.h"

#include <algorithm>
#include <tuple>

namespace tagswell {

void OpenMinutes::AddPost(Minute minute, ComboId combo) {
  std::vector<ComboPosts>& posts = minutes_[minute].posts;
  const auto found = std::find_if(posts.begin(), posts.end(), [combo](const ComboPosts& of) { return of.combo == combo; });
  if (found == posts.end()) {
    posts.push_back({combo, 1});
  } else {
    ++found->posts;
  }
}

void OpenMinutes::RemovePost(Minute minute, ComboId combo) {
  const auto content = minutes_.find(minute);
  if (content == minutes_.end()) return;
  for (ComboPosts& of : content->second.posts) {
    if (of.combo == combo && of.posts > 0) --of.posts;
  }
}

void OpenMinutes::RemoveMention(Minute minute, const MentionHit& hit) {
  const auto content = minutes_.find(minute);
  if (content == minutes_.end()) return;
  std::vector<MentionHit>& hits = content->second.hits;
  const auto same = [&hit](const MentionHit& of) { return std::tuple(of.author, of.topic, of.combo) == std::tuple(hit.author, hit.topic, hit.combo); };
  if (const auto found = std::find_if(hits.begin(), hits.end(), same); found != hits.end()) hits.erase(found);
}

OpenMinutes::Content OpenMinutes::Take(Minute minute) {
  const auto content = minutes_.find(minute);
  if (content == minutes_.end()) return {};
  Content taken = std::move(content->second);
  minutes_.erase(content);
  return taken;
}

std::size_t OpenMinutes::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [minute, content] : minutes_) {
    bytes += content.hits.capacity() * sizeof(MentionHit) + content.posts.capacity() * sizeof(ComboPosts);
  }
  return bytes;
}

void OpenMinutes::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(minutes_.size()));
  for (const auto& [minute, content] : minutes_) {
    out.Put(minute);
    out.PutAll(content.hits);
    out.PutAll(content.posts);
  }
}

void OpenMinutes::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    Content& content = minutes_[in.Get<Minute>()];
    in.GetAll(content.hits);
    in.GetAll(content.posts);
  }
}

}  // namespace tagswell
