#!/usr/bin/env node
console.log('pakta')
