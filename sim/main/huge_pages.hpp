#pragma once

namespace carillon::sim {

/// Asks for pages of 2 MB: a run of thousands of peers hops about in gigabytes, and spends a sixth
/// of its time on address translation if they lie in small pages. Does nothing where the program is
/// built without the allocator that can be told so.
void use_huge_pages();

}  // namespace carillon::sim
