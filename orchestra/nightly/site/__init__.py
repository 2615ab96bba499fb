"""The project's page: every night with what came and went, each night's report, and a page for each finding."""

from orchestra.nightly.site.build import build as build
