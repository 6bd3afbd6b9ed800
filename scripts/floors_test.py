"""Tests of scripts/floors, on packages that are made up in a temporary folder. Run by scripts/test."""
import importlib.machinery, importlib.util, pathlib, subprocess, sys, tempfile, unittest

SCRIPT = pathlib.Path(__file__).with_name("floors")
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("floors", str(SCRIPT))
floors = importlib.util.module_from_spec(importlib.util.spec_from_loader("floors", loader))
loader.exec_module(floors)

SHOP = {"Low/Item": "struct Item {}", "High/Shelf": "public final class Shelf { let item: Item }"}
BACK = {"Low/Back": "private let shelf = Shelf()"}
QUIET = '''// Shelf
/* Shelf
 */ let words = "Shelf \\"Shelf", more = #"a "Shelf\\(Shelf)"#, list = """
    Shelf "Shelf" \\""" Shelf
    """
'''


class FloorsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, files):
        for name, text in files.items():
            path = self.root / "Sources" / "Shop" / f"{name}.swift"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")

    def seen(self, files, allowed={}):
        self.write(SHOP | files)
        return floors.circles(self.root, allowed)

    def arrow(self, files):
        """What of the folder High the folder Low uses."""
        found = [line for line in self.seen(files) if "Low uses High" in line]
        return found[0].split(": ")[1] if found else None

    def test_storeys_are_fine_and_told_from_the_lowest_up(self):
        told = []
        self.write(SHOP | {"Main": "let shelf: Shelf"})
        self.assertEqual(floors.circles(self.root, {}, told.append), [])
        self.assertEqual(told, ["Shop: Low < High < (root)"])

    def test_circle_is_named_with_its_arrows(self):
        self.assertEqual(self.seen(BACK), [
            'Shop: folders run in a circle: "High Low"', "    High uses Low: Item", "    Low uses High: Shelf"])

    def test_only_the_very_circle_is_allowed(self):
        self.assertEqual(self.seen(BACK, {"Shop": ["High Low"]}), [])
        self.assertNotEqual(self.seen(BACK, {"Shop": ["High Low Middle"]}), [])

    def test_circle_that_is_gone_has_to_leave_the_list(self):
        self.assertEqual(self.seen({}, {"Shop": ["High Low"], "Cellar": ["A B"]}), [
            'Cellar: this circle is gone, shorten the list: "A B"',
            'Shop: this circle is gone, shorten the list: "High Low"'])

    def test_comments_and_strings_are_not_uses(self):
        self.assertIsNone(self.arrow({"Low/Quiet": QUIET}))
        self.assertEqual(self.arrow({"Low/Quiet": QUIET + "typealias Board = Shelf"}), "Shelf")

    def test_interpolations_are_uses(self):
        for text in ['"a \\(Shelf.self) b"', '#"a \\#((1 + (Shelf.self)))"#', '"\\(on("\\(Shelf.self)"))"']:
            self.assertEqual(self.arrow({"Low/Words": f"let words = {text}"}), "Shelf", text)
        self.assertIsNone(self.arrow({"Low/Words": 'let words = "\\(Item.self) Shelf"'}))

    def test_nested_type_that_an_extension_adds_belongs_to_the_extension(self):
        name = {"High/Name": "extension Item {\n    struct Name {}\n}", "High/Own": "private struct Own {}"}
        self.assertEqual(self.arrow(name | {"Low/Use": "let name: Item.Name, own: Own"}), "Item.Name")

    def test_names_of_several_folders_do_not_count(self):
        self.assertIsNone(self.arrow(BACK | {"Middle/Shelf": "enum Shelf {}"}))

    def test_target_that_reaches_what_it_must_not(self):
        def target(name, *uses):
            return {"name": name, "dependencies": [{kind: [use, None]} for kind, use in uses]}
        package = [
            target("CacheCore", ("byName", "Wire")), target("Wire", ("product", "NIOCore")),
            target("CacheWatch", ("target", "CacheCore"), ("product", "ArgumentParser")),
        ]
        self.assertEqual(floors.paths(package), [])
        package[1] = target("Wire", ("product", "TOMLKit"))
        self.assertEqual(floors.paths(package), ["CacheCore must not reach TOMLKit, which Wire uses"])

    def test_what_other_packages_link_has_no_unsafe_flags(self):
        def package(**flags):
            return [{"name": name, "dependencies": [{"byName": [used]}] if used else [], "settings": flags.get(name, [])}
                    for name, used in [("CacheCore", "Wire"), ("Wire", None), ("Screens", None)]]
        unsafe = [{"kind": {"unsafeFlags": {"_0": ["-O"]}}}]
        self.assertEqual(floors.paths(package(Screens=unsafe)), [])
        self.assertEqual(floors.paths(package(Wire=unsafe)), [
            "Wire has unsafe flags, and CacheCore is for other packages, too"])

    def test_pure_targets_import_each_other_only(self):
        self.write({
            "Low/Fine": "// import Glibc\ninternal import Shop\nimport Swift\nlet word = \"\"\"\n    import Glibc\n    \"\"\"",
            "Low/Clock": "@_exported public import struct Foundation.Date\n  import Glibc",
            "High/Test": "@preconcurrency @testable import Dispatch",
        })
        self.assertEqual(floors.imports(self.root, ["Shop"]), [
            "Sources/Shop/High/Test.swift: Shop is pure and must not import Dispatch",
            "Sources/Shop/Low/Clock.swift: Shop is pure and must not import Foundation",
            "Sources/Shop/Low/Clock.swift: Shop is pure and must not import Glibc"])
        self.assertEqual(floors.imports(self.root, []), [])

    def test_exit_status_and_lines(self):
        def run(*arguments):
            return subprocess.run([SCRIPT, "--root", self.root, *arguments], capture_output=True, text=True)
        (self.root / "Package.swift").write_text(
            '// swift-tools-version: 6.2\nimport PackageDescription\n'
            'let package = Package(name: "shop", targets: [.target(name: "Shop")])\n')
        self.write(SHOP)
        self.assertEqual(run().returncode, 0 if not floors.ALLOWED else 1)
        self.write(BACK)
        result = run()
        self.assertEqual(result.returncode, 1)
        self.assertIn("    Low uses High: Shelf\n", result.stderr)
        self.assertIn("Low/Back.swift:1: private let shelf = Shelf()", run("--why", "Low", "High").stdout)


unittest.main()
