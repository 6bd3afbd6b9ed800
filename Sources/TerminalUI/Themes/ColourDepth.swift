/// Colours that a terminal can show.
public enum ColourDepth: String, CaseIterable, Sendable { case trueColour, colours256, colours16, none }
