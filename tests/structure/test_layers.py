"""No include goes up the stack, and CMake lists what a layer includes, no more and no less."""

import os
import unittest

from layers import (LIBRARIES, MAY_INCLUDE, REPOSITORY, SOURCE, declared_uses, forbidden_includes,
                    includes, reachable_uses, sources)


class Layers(unittest.TestCase):
    def test_every_folder_is_a_known_layer(self):
        folders = {name for name in os.listdir(SOURCE) if os.path.isdir(os.path.join(SOURCE, name))}
        self.assertEqual(folders, set(MAY_INCLUDE))

    def test_includes_point_downwards(self):
        wrong = []
        for layer in MAY_INCLUDE:
            for path in sources(os.path.join(SOURCE, layer)):
                quoted, angled = includes(path)
                wrong += [f"{os.path.relpath(path, REPOSITORY)} includes {name}"
                          for name in forbidden_includes(layer, quoted)]
                wrong += [f"{os.path.relpath(path, REPOSITORY)} includes <{name}>"
                          for name in angled if name.split("/")[0] in MAY_INCLUDE]
        self.assertEqual(wrong, [])

    def test_a_planted_include_is_found(self):
        self.assertEqual(forbidden_includes("storage", ["topology/chord.hpp", "wire/kind.hpp"]),
                         ["topology/chord.hpp"])
        self.assertEqual(forbidden_includes("sip", ["usage/x.hpp", "base/hex.hpp", "plain.hpp"]),
                         ["usage/x.hpp", "plain.hpp"])
        self.assertEqual(forbidden_includes("wire", ["io/clocks.hpp"]), ["io/clocks.hpp"])

    def test_public_headers_include_no_inner_one(self):
        wrong = [f"{path} includes {name}"
                 for path in sources(os.path.join(REPOSITORY, "include"))
                 for name in includes(path)[0]]
        self.assertEqual(wrong, [])

    def test_cmake_lists_the_layers_that_are_included(self):
        wrong = []
        for layer in MAY_INCLUDE:
            included = {name.split("/")[0] for path in sources(os.path.join(SOURCE, layer))
                        for name in includes(path)[0]} - {layer}
            reachable = reachable_uses(layer)
            wrong += [f"{layer} includes {other}/, not in its USES"
                      for other in sorted(included) if f"carillon_{other}" not in reachable]
            wrong += [f"{layer} says USES {use}, includes nothing of it"
                      for use in sorted(declared_uses(layer)) if use.startswith("carillon_")
                      and use[len("carillon_"):] not in included]
        self.assertEqual(wrong, [])

    def test_cmake_lists_the_libraries_that_are_included(self):
        wrong = []
        for layer in MAY_INCLUDE:
            needed = {}
            for path in sources(os.path.join(SOURCE, layer)):
                for name in includes(path)[1]:
                    for prefix, targets in LIBRARIES.items():
                        if name.startswith(prefix):
                            needed[prefix] = targets
            reachable = reachable_uses(layer)
            wrong += [f"{layer} includes <{prefix}>, its USES have none of {sorted(targets)}"
                      for prefix, targets in needed.items() if not targets & reachable]
            wanted = set().union(*needed.values()) if needed else set()
            known = set().union(*LIBRARIES.values())
            wrong += [f"{layer} says USES {use}, includes nothing of it"
                      for use in sorted(declared_uses(layer) & known) if use not in wanted]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
