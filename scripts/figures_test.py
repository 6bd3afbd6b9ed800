"""Tests of scripts/figures. Run by scripts/test."""
import importlib.machinery, importlib.util, pathlib, sys, unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).with_name("figures")
loader = importlib.machinery.SourceFileLoader("figures", str(SCRIPT))
figures = importlib.util.module_from_spec(importlib.util.spec_from_loader("figures", loader))
loader.exec_module(figures)


class FiguresTest(unittest.TestCase):
    def lines(self, *lines):
        return [number for number, _ in figures.wrong("\n".join(lines), {"calls", "keys"})]

    def test_raw_operators_beside_a_figure_are_found(self):
        self.assertEqual(
            self.lines("a.calls + b", "a.calls! - b", "b * a?.c[0].keys", "sum.keys += 1", "x -= y.keys"), [1, 2, 3, 4, 5])

    def test_what_saturates_or_is_a_double_is_not(self):
        self.assertEqual(
            self.lines("a.calls +| b", "a.keys +|= b", "Double(a.calls) + Double(b.keys)", "a.keys.map { $0 } + b",
                       "// a.calls + b", '"\\(a) keys + b"', "calls[2 * index].keys"), [])

    def test_floating_point_numbers_become_whole_by_one_name(self):
        self.assertEqual(
            self.lines("Int(x / .seconds(1))", "Int64((y * 2).rounded())", "Int(z.rounded(.up).whole)", "Int(clamping: a)"),
            [1, 2])

    def test_sums_of_whole_numbers_are_found(self):
        self.assertEqual(
            self.lines("a.reduce(0, +)", "a.reduce(0, +|)", "a.reduce(0.0, +)", "a.reduce(0) { $0 +| $1 }"), [1])

    def test_the_figures_of_servers_are_found(self):
        names = figures.figures(SCRIPT.parent.parent / "Sources")
        self.assertLessEqual({"calls", "keyspaceHits", "used", "uptime", "slowlogLength", "examined", "milliseconds"}, names)


if __name__ == "__main__":
    unittest.main()
